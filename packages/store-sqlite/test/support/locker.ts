/** Holds the lock of a file until it hears a line. Arguments: file, `write` or `everything`. */
import { DatabaseSync } from "node:sqlite";
import { hangUp, hear, say } from "./speak.ts";

const [path = "", what = ""] = process.argv.slice(2);
const db = new DatabaseSync(path);
if (what === "everything") db.exec("PRAGMA locking_mode = EXCLUSIVE");
db.exec("BEGIN IMMEDIATE");
say("locked");
await hear();
db.exec("ROLLBACK");
db.close();
say("free");
hangUp();
