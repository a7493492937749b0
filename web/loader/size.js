/** Fails when the package exceeds its size limit (bytes after gzip). */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 600;
const size = gzipSync(readFileSync(new URL("dist/index.js", import.meta.url)), { level: 9 }).length;
const fits = size <= LIMIT;
console.log(`@palique/loader: ${size} of ${LIMIT} bytes gzipped${fits ? "" : ", too much"}`);
process.exitCode = fits ? 0 : 1;
