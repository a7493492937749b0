// @vitest-environment happy-dom
import { type Chat, emptyChat, type ServerFrame, stepChat } from "@palique/client";
import { beforeEach, expect, test, vi } from "vitest";
import { NoticeStore } from "../src/app/NoticeStore";
import { makeNoticeStorage } from "../src/app/noticeStorage";

const play = vi.fn();

beforeEach(() => {
	localStorage.clear();
	play.mockClear();
});

function open(): NoticeStore {
	return new NoticeStore(makeNoticeStorage(window), { play }, () => {});
}

function heard(...authors: ("agent" | "visitor")[]): Chat {
	const me = { kind: "visitor", id: "v", name: "" };
	const frames: object[] = [{ type: "welcome", me, heartbeat_ms: 1, conversations: [] }];
	for (const [index, kind] of authors.entries())
		frames.push({
			type: "entry",
			conversation: "c",
			epoch: 1,
			seq: index + 1,
			kind: "message",
			text: `text ${index + 1}`,
			at: "2026-03-01T12:00:00.000Z",
			author: { kind, id: kind[0], name: kind },
		});
	return frames.reduce<Chat>(
		(chat, frame) => stepChat(chat, { type: "frame", frame: frame as ServerFrame }, 0).chat,
		emptyChat("visitor"),
	);
}

test("the newest unread message of an agent is shown, and a dismissed one never again, after a reload too", () => {
	const notices = open();
	const first = notices.newest(heard("agent", "visitor"));
	expect(first?.text).toBe("text 1");
	if (first) notices.dismiss(first);
	expect(notices.newest(heard("agent"))).toBeNull();
	expect(open().newest(heard("agent"))).toBeNull();
	expect(open().newest(heard("agent", "agent"))?.text).toBe("text 2");
	expect(open().newest(heard("visitor"))).toBeNull();
});

test("the sound is off until the visitor switches it on, and rings once for a message in all tabs", () => {
	const [notices, other] = [open(), open()];
	const [first, second] = [heard("agent"), heard("agent", "agent")].map((chat) => notices.newest(chat));
	if (!first || !second) throw new Error("no message");
	notices.ring(first);
	expect(play).not.toHaveBeenCalled();
	notices.toggleSound();
	expect([play.mock.calls.length, other.sound]).toEqual([1, true]);
	for (const tab of [notices, other, notices]) tab.ring(second);
	expect(play).toHaveBeenCalledTimes(2);
	other.toggleSound();
	notices.ring(first);
	expect([play.mock.calls.length, notices.sound]).toEqual([2, false]);
});

test("blocked storage is no error: the choice lasts as long as the page", () => {
	const blocked = { location: window.location } as Window;
	Object.defineProperty(blocked, "localStorage", {
		get: () => {
			throw new DOMException("no", "SecurityError");
		},
	});
	const notices = new NoticeStore(makeNoticeStorage(blocked), { play }, () => {});
	notices.toggleSound();
	expect(notices.sound).toBe(true);
});
