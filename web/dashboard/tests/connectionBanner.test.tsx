// @vitest-environment happy-dom
import { translator } from "@palique/ui/i18n";
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConnectionPhase } from "../src/live/ConnectionStore";
import { type Stores, StoresContext } from "../src/StoresContext";
import { ConnectionBanner } from "../src/shell/ConnectionBanner";
import { en } from "../src/texts/en";

const phase = signal<ConnectionPhase>("live");
const doubtful = signal(false);

beforeEach(() => {
	vi.useFakeTimers();
	phase.value = "live";
	doubtful.value = false;
	const stores = { language: { t: signal(translator("en", en)) }, connection: { phase, doubtful } };
	act(() =>
		render(
			<StoresContext.Provider value={stores as unknown as Stores}>
				<ConnectionBanner />
			</StoresContext.Provider>,
			document.body,
		),
	);
});

afterEach(() => {
	act(() => render(null, document.body));
	vi.useRealTimers();
});

function after(ms: number, change = () => {}): boolean {
	act(change);
	act(() => void vi.advanceTimersByTime(ms));
	return document.querySelector(".banner") !== null;
}

test.each([
	["the socket drops", () => (phase.value = "offline")],
	["the browser reports the loss of the network", () => (doubtful.value = true)],
])("the banner comes within a second when %s, and goes at once", (_, lose) => {
	expect(after(1_000, () => void lose())).toBe(true);
	const back = () => {
		phase.value = "live";
		doubtful.value = false;
	};
	expect(after(0, back)).toBe(false);
});

test("failed attempts to connect again do not delay the banner", () => {
	after(400, () => (phase.value = "offline"));
	expect(after(600, () => (phase.value = "connecting"))).toBe(true);
});

test("an interruption of a moment does not flash", () => {
	for (let times = 0; times < 5; times += 1) {
		expect(after(200, () => (phase.value = "offline"))).toBe(false);
		expect(after(200, () => (phase.value = "live"))).toBe(false);
	}
});

test("a connection that another window replaced is shown at once", () => {
	expect(after(0, () => (phase.value = "replaced"))).toBe(true);
});
