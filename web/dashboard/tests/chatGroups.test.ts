import { describe, expect, it } from "vitest";
import { groupChats, neighbour, nextUnread } from "../src/chats/chatGroups";
import type { ChatSummary } from "../src/chats/chatSummary";

const at = (minute: number) => new Date(Date.UTC(2026, 5, 1, 10, minute)).toISOString();

function chat(conversation: string, fields: Partial<ChatSummary> = {}): ChatSummary {
	return {
		conversation,
		status: "active",
		visitor: { id: `visitor of ${conversation}`, name: "Ana" },
		assignee: { id: "a1", name: "Elena" },
		mine: true,
		startedBy: "visitor",
		startedAt: at(0),
		unread: 0,
		lastText: null,
		lastAt: at(0),
		waitingSince: null,
		typing: false,
		...fields,
	};
}

function ids(chats: readonly ChatSummary[] | undefined): string[] {
	return (chats ?? []).map(({ conversation }) => conversation);
}

describe("the list of chats", () => {
	it("has a group for each need, the longest wait for an answer first", () => {
		const known = [
			chat("ended", { status: "closed" }),
			chat("answered", { lastAt: at(1) }),
			chat("answered last", { lastAt: at(30) }),
			chat("waits for an answer", { waitingSince: at(20), lastAt: at(40) }),
			chat("waits longer for an answer", { waitingSince: at(10), lastAt: at(50) }),
			chat("new", { status: "waiting", mine: false, waitingSince: at(9) }),
			chat("oldest", { status: "waiting", mine: false, waitingSince: at(3) }),
			chat("followed", { mine: false, waitingSince: at(5) }),
		];
		const others = [
			chat("theirs", { mine: false }),
			chat("their visitor waits", { mine: false, waitingSince: at(4) }),
		];
		expect(groupChats(known, others).map(({ kind, chats }) => [kind, ids(chats)])).toEqual([
			["waiting", ["oldest", "new"]],
			["mine", ["waits longer for an answer", "waits for an answer", "answered last", "answered"]],
			["colleagues", ["their visitor waits", "followed", "theirs"]],
			["ended", ["ended"]],
		]);
	});

	it("shows a chat once, in the newest state that is known", () => {
		const stale = [chat("c", { mine: false })];
		const groups = groupChats([chat("c", { status: "closed" })], stale);
		expect(groups.flatMap(({ kind, chats }) => chats.map(() => kind))).toEqual(["ended"]);
	});
});

describe("the next chat of the list", () => {
	it("goes round in both directions, and begins at either end", () => {
		const chats = ["a", "b", "c"].map((id) => chat(id));
		const steps = (current: string | null) => [neighbour(chats, current, 1), neighbour(chats, current, -1)];
		expect([steps("a"), steps("c"), steps(null), steps("gone")]).toEqual([
			["b", "c"],
			["a", "b"],
			["a", "c"],
			["a", "c"],
		]);
		expect([neighbour([], null, 1), neighbour([], "a", -1)]).toEqual([undefined, undefined]);
		expect(neighbour([chat("only")], "only", 1)).toBe("only");
	});

	it("finds the next unread chat, not the one in front unless it is the only one", () => {
		const chats = [
			chat("front", { unread: 2 }),
			chat("read"),
			chat("unread", { unread: 1 }),
			chat("ended", { status: "closed", unread: 1 }),
			chat("theirs", { mine: false, unread: 1 }),
		];
		expect(nextUnread(chats, "front")).toBe("unread");
		expect(nextUnread(chats.slice(0, 2), "front")).toBe("front");
		expect(nextUnread(chats.slice(3), null)).toBeUndefined();
	});
});
