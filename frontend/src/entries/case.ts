// The case page by code, opened here.
import { startCase } from "../public/case";

// Without WebCrypto no key can be derived: then the page goes on saying what to do instead.
if (globalThis.crypto?.subtle !== undefined) startCase();
