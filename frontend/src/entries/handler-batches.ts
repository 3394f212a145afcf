/** The list of cases and the approvals: titles are opened here, obvious junk is handled together, and searched in. */
import { junk } from "../handler/junk";
import { shortcuts } from "../handler/keyboard";
import { listing } from "../handler/listing";
import { search } from "../handler/search";

shortcuts();
listing([junk(), search()]);
