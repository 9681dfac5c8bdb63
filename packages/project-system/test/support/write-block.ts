/** Run as a program of its own: writes the file named on the command line again and again. */
import { writeStateBlock } from "mai-project-system";

const [path = "", name = "", times = "0"] = process.argv.slice(2);
for (let time = 0; time < Number(times); time++) {
  writeStateBlock(path, { text: `${name} ${time}`, data: { name, filler: name.repeat(5_000) } });
}
