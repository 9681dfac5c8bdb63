/** Which values of an environment are secrets. */

const secretName =
  /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|SECRETS|PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|CREDENTIAL|CREDENTIALS|AUTH|PAT|DSN)(?:_|$)/;

/** What is named after a secret and is none: where it lies, or what it is for. */
const aboutSecret = /(?:_FILE|_PATH|_DIR|_SOCK|_URL|_URI|_ID|_NAME|_TYPE|_HELPER|_PROGRAM|_ASKPASS)$/;

const leastLength = 8;
const mostLength = 16 * 1024;

/**
 * The values of those variables whose names say that they are secret (`..._KEY`, `..._TOKEN`, `PASSWORD`, ...). Short
 * values and ordinary words are left out: hiding them would spoil every text.
 *
 * @public
 */
export function secretValues(environment: Readonly<Record<string, string | undefined>>): string[] {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !isSecretName(name)) continue;
    const text = value.trim();
    if (isTelling(text)) values.add(text);
  }
  return [...values];
}

function isSecretName(name: string): boolean {
  const upper = name.toUpperCase();
  return secretName.test(upper) && !aboutSecret.test(upper) && upper !== "PWD" && upper !== "OLDPWD";
}

/** Whether a value is long and odd enough not to stand in a text by chance. */
function isTelling(value: string): boolean {
  if (value.length < leastLength || value.length > mostLength) return false;
  if (/^\.{0,2}\//.test(value)) return false;
  return value.length >= 24 || !/^(?:[a-z]+|[A-Z]+|[0-9]+|[A-Z]?[a-z]+(?:[-_ .][a-z]+)*)$/.test(value);
}
