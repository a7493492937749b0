/**
 * Writes compressed copies (`.br`, `.gz`) beside each built text file, so that no gateway compresses at each request, and at
 * levels that would be too slow there.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

// Text files that the gateway serves; images and fonts are compressed already.
const FILES = globSync("{widget,dashboard}/dist/**/*.{js,css,html,svg,json,yaml}", {
	cwd: import.meta.dirname,
});
const BEST = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };

for (const name of FILES) {
	const path = `${import.meta.dirname}/${name}`;
	const content = readFileSync(path);
	writeFileSync(`${path}.br`, brotliCompressSync(content, { params: BEST }));
	writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
