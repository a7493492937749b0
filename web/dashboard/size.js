/** Fails when the dashboard exceeds its size limits: everything that its page loads at the start. Bytes after gzip, as a server sends them. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS = { js: 81_920, css: 15_360 };
const assets = new URL("dist/assets/", import.meta.url);
const files = readdirSync(assets);

let fits = true;
for (const [kind, limit] of Object.entries(LIMITS)) {
	const size = files
		.filter((name) => name.endsWith(`.${kind}`))
		.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets)), { level: 9 }).length, 0);
	fits &&= size > 0 && size <= limit;
	console.log(`dashboard, ${kind}: ${size} of ${limit} bytes gzipped${size > limit ? ", too much" : ""}`);
}
process.exitCode = fits ? 0 : 1;
