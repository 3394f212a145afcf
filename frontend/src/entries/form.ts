// The form for a tip or a report, sealed here.
import { startForm } from "../public/form";

// Without WebCrypto nothing can be sealed: then the page goes on saying what to do instead.
if (globalThis.crypto?.subtle !== undefined) startForm();
