import { userInfo } from "node:os";

/** Who runs this process, as the system names them: what a journal says of those who approve. */
export function thisUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number and no name.
    return "a user without a name";
  }
}
