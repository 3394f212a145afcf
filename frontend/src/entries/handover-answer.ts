// What came of a handover, told by whoever it was handed to.
import { startAnswering } from "../public/handover";

// Without WebCrypto nothing can be sealed: then the page goes on saying what to do instead.
if (globalThis.crypto?.subtle !== undefined) void startAnswering();
