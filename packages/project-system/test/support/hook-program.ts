/** The program `mai-pre-compact` on the sources, without a build. */
import { main } from "mai-project-system/hooks";

await main();
