/** List of cases and approvals: titles are opened here, and obvious junk is closed together, by two, each act signed. */
import { junk } from "../handler/junk";
import { listing } from "../handler/listing";

listing(junk());
