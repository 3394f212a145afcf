/** First screen: rows are the server's, titles are opened here. */
import { shortcuts } from "../handler/keyboard";
import { listing } from "../handler/listing";

shortcuts();
listing();
