import { execFileSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
// Each test starts Node and the compiler, which takes seconds on a machine under load.
const PATIENCE_MS = 60_000;
// A project beside the workspaces that has installed the package: nothing of them is on its path.
let project: string;

beforeAll(() => {
	mkdirSync(join(root, "../../build"), { recursive: true });
	project = mkdtempSync(join(root, "../../build/contracts-"));
	mkdirSync(join(project, "node_modules/@palique"), { recursive: true });
	symlinkSync(root, join(project, "node_modules/@palique/contracts"));
	writeFileSync(join(project, "package.json"), '{ "type": "module" }');
});
afterAll(() => rmSync(project, { recursive: true }));

function compile(source: string): string {
	writeFileSync(join(project, "bot.ts"), source);
	const flags = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", ""];
	try {
		return execFileSync(join(root, "../node_modules/.bin/tsc"), [...flags, "bot.ts"], {
			cwd: project,
			encoding: "utf8",
		});
	} catch (error) {
		return String((error as { stdout: string }).stdout);
	}
}

test("its files exist and its version is that of the servers", () => {
	for (const path of Object.values<string>(own.exports["."])) expect(existsSync(join(root, path))).toBe(true);
	const servers = /^version = "(.+)"/m.exec(readFileSync(join(root, "../../pyproject.toml"), "utf8"));
	expect(own.version).toBe(servers?.[1]);
});

test("node imports its tables", { timeout: PATIENCE_MS }, () => {
	const script = `import { CLOSE_CODES, ERROR_CODES } from "@palique/contracts";
		console.log(CLOSE_CODES[4429].reaction, ERROR_CODES.includes("retry"));`;
	const printed = execFileSync("node", ["--input-type=module", "-e", script], {
		cwd: project,
		encoding: "utf8",
	});
	expect(printed.trim()).toBe("wait true");
});

test("its types accept a frame and refuse a wrong one", { timeout: PATIENCE_MS }, () => {
	const frame = (text: string) =>
		`import type { ClientFrame } from "@palique/contracts"; export const frame: ClientFrame = ${text};`;
	expect(compile(frame('{ type: "send", client_id: "1", text: "Hello" }'))).toBe("");
	expect(compile(frame('{ type: "send", client_id: 1, text: "Hello" }'))).toContain("TS2322");
});
