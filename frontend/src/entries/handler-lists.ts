/** First screen: rows are the server's, titles are opened here. */
import { listing } from "../handler/listing";

listing();
