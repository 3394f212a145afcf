/** The words of case codes, in the order of tipportal/envelope/wordlist.txt. */
declare module "virtual:wordlist" {
  const words: readonly string[];
  export default words;
}
