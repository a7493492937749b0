/**
 * Fails when the widget exceeds its size limits: the loader, which every visited page loads, and the application, loaded on
 * demand. Bytes after gzip, each file by itself, as a server sends them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

// panel.js is loaded with the application, to ask for consent, for calls of the page, and where an address has parameters.
const LIMITS = { "widget.js": 3072, app: 30720, "panel.js": 5632 };
const dist = new URL("dist/", import.meta.url).pathname;

function weigh(path) {
	const inside = readdirSync(path, { withFileTypes: true, recursive: true }).filter(
		(entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name),
	);
	return inside.reduce((sum, entry) => sum + weighFile(join(entry.parentPath, entry.name)), 0);
}

function weighFile(path) {
	return gzipSync(readFileSync(path), { level: 9 }).length;
}

let fits = true;
for (const [name, limit] of Object.entries(LIMITS)) {
	const path = join(dist, name);
	const size = name.endsWith(".js") ? weighFile(path) : weigh(path);
	fits &&= size <= limit;
	console.log(`${name}: ${size} of ${limit} bytes gzipped${size > limit ? ", too much" : ""}`);
}
process.exitCode = fits ? 0 : 1;
