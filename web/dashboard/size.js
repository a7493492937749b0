/**
 * Fails when the dashboard exceeds its size limits: everything that its page loads at the start, so all that its HTML names and what
 * these files import. Bytes after gzip, as a server sends them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMITS = { js: 81_920, css: 15_360 };
const dist = new URL("dist/", import.meta.url);
const page = readFileSync(new URL("index.html", dist), "utf8");
const files = readdirSync(new URL("assets/", dist));
const first = firstLoad();

let fits = true;
for (const [kind, limit] of Object.entries(LIMITS)) {
	const own = files.filter((name) => name.endsWith(`.${kind}`));
	const size = bytes(own.filter((name) => first.has(name)));
	const later = bytes(own) - size;
	fits &&= size > 0 && size <= limit;
	const verdict = `${size} of ${limit} bytes gzipped${size > limit ? ", too much" : ""}`;
	console.log(`dashboard, ${kind}: ${verdict}; ${later} loaded later`);
}
process.exitCode = fits ? 0 : 1;

/** An import with parentheses loads later. */
function firstLoad() {
	const found = new Set(files.filter((name) => page.includes(`assets/${name}`)));
	for (const name of found) {
		if (!name.endsWith(".js")) continue;
		const source = readFileSync(new URL(`assets/${name}`, dist), "utf8");
		for (const [, imported] of source.matchAll(/\b(?:from|import)\s*["'`]\.\/([\w.-]+)["'`]/g))
			found.add(imported);
	}
	return found;
}

function bytes(names) {
	return names.reduce(
		(sum, name) => sum + gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 }).length,
		0,
	);
}
