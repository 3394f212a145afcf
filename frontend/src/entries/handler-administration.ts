/** Administration: a draft is signed and proposed, a proposed change is checked and decided. */
import { change } from "../administration/change";
import { draft } from "../administration/draft";
import type { HandlerKeys } from "../crypto/identity";
import { lockable } from "../handler/locking";

let keys: HandlerKeys | null = null;
const keysNow = (): HandlerKeys | null => keys;

const drafted = document.getElementById("draft");
if (drafted) draft(drafted, keysNow);
const proposed = document.getElementById("change");
if (proposed) void change(proposed, keysNow);

void lockable({
  async opened(unlocked) {
    keys = unlocked;
  },
  async closed() {
    keys = null;
  },
});
