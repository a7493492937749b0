// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { forOneVisitor } from "../src/app/visitorChange";
import type { HostState } from "../src/bridge";
import { SITE } from "./site";

const state = (visitor?: string): HostState => ({
	site: SITE,
	link: "up",
	kept: [],
	open: false,
	focus: false,
	visitor,
});

function application() {
	const listener = { onHostState: vi.fn(), onFrame: vi.fn() };
	const restart = vi.fn();
	const view = {
		location: { search: "?site=demo&origin=https://shop.example" },
		localStorage,
		sessionStorage,
	} as unknown as Window;
	return { listener, restart, passing: forOneVisitor(view, listener, restart) };
}

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
});

const OUTBOX = "palique:demo:https://shop.example:out:x";

test("what one visitor left stays for them, and goes with the next one", () => {
	application().passing.onHostState(state("vera"));
	localStorage.setItem(OUTBOX, "{}");
	localStorage.setItem("palique:other:https://shop.example:out:x", "{}");
	sessionStorage.setItem("palique:draft", "my card is 4…");
	application().passing.onHostState(state("vera"));
	expect([localStorage.getItem(OUTBOX), sessionStorage.getItem("palique:draft")]).toEqual([
		"{}",
		"my card is 4…",
	]);
	application().passing.onHostState(state("igor"));
	expect([localStorage.getItem(OUTBOX), sessionStorage.getItem("palique:draft")]).toEqual([null, null]);
	expect(localStorage.getItem("palique:other:https://shop.example:out:x")).toBe("{}");
});

test("after the visitor has changed nothing more is passed on, so that no message of theirs is sent as the next one's", () => {
	const { listener, restart, passing } = application();
	passing.onHostState(state("vera"));
	passing.onFrame("{}");
	passing.onHostState(state("igor"));
	passing.onFrame('{"type":"welcome"}');
	expect(restart).toHaveBeenCalled();
	expect([listener.onHostState.mock.calls.length, listener.onFrame.mock.calls.length]).toEqual([1, 1]);
});

test("an older loader names no visitor", () => {
	localStorage.setItem(OUTBOX, "{}");
	const { listener, passing } = application();
	passing.onHostState(state());
	passing.onHostState(state());
	expect([listener.onHostState.mock.calls.length, localStorage.getItem(OUTBOX)]).toEqual([2, "{}"]);
});
