import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faviconWith } from "../src/notices/favicon";
import {
	NO_NOTICES,
	type NoticeInput,
	type NoticeReason,
	noticesDue,
	RING_INTERVAL,
	step,
} from "../src/notices/noticeState";

const waits = (conversation: string): NoticeReason => ({ conversation, name: "Eva", waits: true, unread: 0 });
const wrote = (conversation: string, unread: number): NoticeReason => ({
	conversation,
	name: "Eva",
	waits: false,
	unread,
});
const input = (reasons: NoticeReason[], more: Partial<NoticeInput> = {}): NoticeInput => ({
	reasons,
	available: true,
	focused: false,
	...more,
});

/** Runs the steps (time in ms, input); returns the kinds of the last actions. */
function play(...moments: [number, NoticeInput][]) {
	let notices = NO_NOTICES;
	let kinds: string[] = [];
	for (const [now, input] of moments) {
		const stepped = step(notices, input, now);
		notices = stepped.notices;
		kinds = stepped.actions.map((action) => action.kind);
	}
	return { notices, kinds };
}

describe("a waiting chat", () => {
	test("rings repeatedly until an agent accepts it", () => {
		const first = play([0, input([waits("c")])]);
		expect(first.kinds).toEqual(["show", "ring"]);
		expect(noticesDue(first.notices)).toBe(RING_INTERVAL);
		expect(play([0, input([waits("c")])], [RING_INTERVAL - 1, input([waits("c")])]).kinds).toEqual([]);
		expect(play([0, input([waits("c")])], [RING_INTERVAL, input([waits("c")])]).kinds).toEqual(["ring"]);
		const accepted = play([0, input([waits("c")])], [10, input([wrote("c", 0)])]);
		expect(accepted.kinds).toEqual(["hide"]);
		expect(noticesDue(accepted.notices)).toBeNull();
	});

	test("notifies an agent who looks at the dashboard, but none who is away", () => {
		expect(play([0, input([waits("c")], { focused: true })]).kinds).toEqual(["show", "ring"]);
		expect(play([0, input([waits("c")], { available: false })]).kinds).toEqual([]);
		const left = play([0, input([waits("c")])], [10, input([waits("c")], { available: false })]);
		expect(left.kinds).toEqual(["hide"]);
		expect(noticesDue(left.notices)).toBeNull();
	});
});

describe("a message in one's own chat", () => {
	test("notifies once, and not while the agent looks at the tab", () => {
		expect(play([0, input([wrote("c", 1)])]).kinds).toEqual(["show", "ring"]);
		expect(play([0, input([wrote("c", 1)])], [10, input([wrote("c", 1)])]).kinds).toEqual([]);
		expect(play([0, input([wrote("c", 1)])], [10, input([wrote("c", 2)])]).kinds).toEqual(["show", "ring"]);
		expect(play([0, input([wrote("c", 1)], { focused: true })]).kinds).toEqual([]);
		expect(play([0, input([wrote("c", 1)])], [10, input([])]).kinds).toEqual(["hide"]);
	});
});

test("every notification is hidden in the end", () => {
	const reason = fc.record({
		conversation: fc.constantFrom("a", "b"),
		name: fc.constant("Eva"),
		waits: fc.boolean(),
		unread: fc.nat({ max: 3 }),
	});
	const moment = fc.record({
		reasons: fc.uniqueArray(reason, { selector: (one) => one.conversation }),
		available: fc.boolean(),
		focused: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(moment), (moments) => {
			const shown = new Set<string>();
			let notices = NO_NOTICES;
			for (const [index, moment] of [...moments, input([])].entries()) {
				const stepped = step(notices, moment, index * 1_000);
				notices = stepped.notices;
				for (const action of stepped.actions) {
					if (action.kind === "show") shown.add(action.reason.conversation);
					if (action.kind === "hide") shown.delete(action.conversation);
				}
			}
			expect([...shown]).toEqual([]);
			expect(noticesDue(notices)).toBeNull();
		}),
	);
});

test("the icon shows the number, up to nine", () => {
	const text = (count: number) => />([0-9+]+)<\/text>/.exec(decodeURIComponent(faviconWith(count)))?.[1];
	expect([0, 1, 9, 10].map(text)).toEqual([undefined, "1", "9", "9+"]);
});
