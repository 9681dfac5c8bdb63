/** The command `mai` as a process of its own, from the sources. */
import { main } from "../../../framework/src/cli/main.ts";

await main(process.argv.slice(2));
