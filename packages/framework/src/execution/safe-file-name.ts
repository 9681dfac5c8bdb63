/**
 * A file name for any id: ids of plans as they are, others encoded, and those
 * that would be too long or mean a folder told apart by a digest.
 *
 * @internal
 */
export function safeFileName(id: string): string {
  const encoded = encodeURIComponent(id).replaceAll("*", "%2A");
  if (encoded.length <= 120 && !/^\.*$/.test(encoded)) return encoded;
  // Loaded where it is used: it takes its time, and ordinary ids do not need it.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(id).digest("hex").slice(0, 16);
  return `${encoded.slice(0, 80).replace(/^\.+/, "")}-${digest}`;
}
