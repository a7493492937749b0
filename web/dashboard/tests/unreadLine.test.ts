import { describe, expect, it } from "vitest";
import type { LogEntry } from "../src/chats/transcript";
import { nextLine, openLine, type UnreadLine } from "../src/chats/unreadLine";

const ana = { kind: "visitor", id: "v", name: "Ana" } as const;
const luis = { kind: "agent", id: "a", name: "Luis" } as const;
const from = (...authors: (typeof ana | typeof luis)[]): LogEntry[] =>
	authors.map((author, index) => ({ conversation: "c", seq: index + 1, kind: "message", text: "x", author }));

/** `seq` of the message below the line, or `null`. */
function below({ after }: UnreadLine, entries: LogEntry[]): number | null {
	return entries.find((entry) => entry.seq > after && entry.author?.kind === "visitor")?.seq ?? null;
}

describe("the line for unread messages", () => {
	const unread = from(ana, luis, ana, ana);
	const opened = nextLine(openLine(2), { entries: unread, watched: true, read: 2 });

	it("is above the first unread message when the log opens, and stays while the agent reads", () => {
		expect(below(opened, unread)).toBe(3);
		expect(below(nextLine(opened, { entries: unread, watched: true, read: 4 }), unread)).toBe(3);
	});

	it("goes with the answer", () => {
		const answered = from(ana, luis, ana, ana, luis);
		expect(below(nextLine(opened, { entries: answered, watched: true, read: 4 }), answered)).toBeNull();
	});

	it("does not come back above a message that the agent sees arrive", () => {
		const answered = from(ana, luis, ana, ana, luis);
		const more = [...answered, { ...(answered[0] as LogEntry), seq: 6 }];
		let line = nextLine(opened, { entries: answered, watched: true, read: 4 });
		line = nextLine(line, { entries: more, watched: true, read: 5 });
		expect(below(line, more)).toBeNull();
	});

	it("goes when the agent looks away after reading, and marks what comes meanwhile", () => {
		const away = nextLine(opened, { entries: unread, watched: false, read: 4 });
		expect(below(away, unread)).toBeNull();
		const more = [...unread, { ...(unread[0] as LogEntry), seq: 5 }];
		const meanwhile = nextLine(away, { entries: more, watched: false, read: 4 });
		expect(below(meanwhile, more)).toBe(5);
		expect(below(nextLine(meanwhile, { entries: more, watched: true, read: 4 }), more)).toBe(5);
	});

	it("goes when the messages were read in another window", () => {
		const hidden = nextLine(openLine(2), { entries: unread, watched: false, read: 2 });
		expect(below(hidden, unread)).toBe(3);
		expect(below(nextLine(hidden, { entries: unread, watched: false, read: 3 }), unread)).toBe(4);
		expect(below(nextLine(hidden, { entries: unread, watched: false, read: 4 }), unread)).toBeNull();
	});
});
