import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	cellOf,
	LIST_WIDTH,
	screenLayout,
	tabsThatFit,
	uncoverPage,
	yieldList,
} from "../src/windows/screenLayout";
import {
	addMinimised,
	maximise,
	NO_WINDOWS,
	open,
	toggleList,
	type WindowLayout,
} from "../src/windows/windowLayout";

const PANEL = 272;
const LAPTOP = { width: 1280, height: 800 };
const DESK = { width: 1440, height: 900 };
const LARGE = { width: 1920, height: 1080 };
const TABLET = { width: 900, height: 1200 };
const PHONE = { width: 390, height: 844 };
// As 1440 × 900 with text of 200 %, and the widest phone of the style sheets.
const LARGE_TEXT = { width: 720, height: 450 };

function windows(count: number): WindowLayout {
	return Array.from({ length: count }, (_, index) => `c${index}`).reduce(open, NO_WINDOWS);
}

function modes(layout: WindowLayout, screen: typeof DESK): string[] {
	return screenLayout(layout, screen).windows.map(({ view }) => view);
}

describe("windows beside the page", () => {
	it("opens four windows beside the page from 1280 pixels on (S-35)", () => {
		for (const screen of [LAPTOP, DESK, LARGE]) {
			const found = screenLayout(windows(4), screen);
			expect([found.pageShown, found.columns, modes(windows(4), screen)]).toEqual([
				true,
				2,
				["compact", "compact", "compact", "compact"],
			]);
			expect(found.pageWidth).toBeGreaterThanOrEqual(400);
		}
	});

	it("keeps the page wide, then stacks windows, then takes more columns", () => {
		const columns = (count: number, screen: typeof DESK) => screenLayout(windows(count), screen).columns;
		expect([1, 2, 3, 4].map((count) => columns(count, DESK))).toEqual([1, 1, 2, 2]);
		expect([1, 2, 3, 4, 5].map((count) => columns(count, LARGE))).toEqual([1, 2, 2, 2, 3]);
		// Too low for two rows.
		expect([1, 2].map((count) => columns(count, { width: 1440, height: 600 }))).toEqual([1, 2]);
	});

	it("minimises the least recently used when the list takes room", () => {
		expect(modes(toggleList(windows(4)), DESK)).toEqual(["minimised", "minimised", "compact", "compact"]);
		expect(modes(toggleList(windows(4)), LARGE)).toEqual(["compact", "compact", "compact", "compact"]);
	});
});

describe("a window in the place of the page", () => {
	it("puts the list beside a maximised window in the place of the page (S-42)", () => {
		const layout = maximise(windows(3), "c1");
		expect(screenLayout(layout, LAPTOP)).toMatchObject({
			list: "beside",
			listHeld: true,
			pageShown: false,
			columns: 0,
		});
		expect(modes(layout, LAPTOP)).toEqual(["minimised", "maximised", "minimised"]);
		expect(screenLayout(windows(3), LAPTOP).list).toBe("closed");
	});

	it("gives one window the place of the page where none fits beside it", () => {
		for (const screen of [TABLET, PHONE, LARGE_TEXT]) {
			expect(modes(windows(2), screen)).toEqual(["minimised", "maximised"]);
			const listed = screenLayout(toggleList(windows(2)), screen);
			expect([listed.list, listed.pageShown]).toEqual(["full", false]);
			expect(yieldList(toggleList(windows(1)), screen).list).toBe(false);
		}
		expect(yieldList(toggleList(windows(1)), LAPTOP).list).toBe(true);
		// The list beside the page, or a window, but not both.
		const between = { width: 1100, height: 800 };
		expect(screenLayout(toggleList(windows(1)), between)).toMatchObject({
			list: "beside",
			columns: 0,
			pageShown: true,
		});
		expect(screenLayout(windows(1), between)).toMatchObject({ list: "closed", columns: 1, pageShown: true });
	});

	it("uncovers the page", () => {
		const large = maximise(windows(2), "c1");
		expect(uncoverPage(large, DESK).boxes.map((box) => box.view)).toEqual(["compact", "minimised"]);
		expect(uncoverPage(windows(2), DESK)).toEqual(windows(2));
		expect(screenLayout(uncoverPage(toggleList(windows(2)), PHONE), PHONE).pageShown).toBe(true);
	});
});

describe("windows and tabs as more open", () => {
	it("keeps a window in its column when more open", () => {
		expect([0, 1].map((index) => cellOf(index, 2, 2))).toEqual([
			{ column: "1", row: "1 / 3" },
			{ column: "2", row: "1 / 3" },
		]);
		expect([0, 1, 2].map((index) => cellOf(index, 3, 2))).toEqual([
			{ column: "1", row: "1" },
			{ column: "2", row: "1 / 3" },
			{ column: "1", row: "2" },
		]);
	});

	it("leaves out the tabs that were used least recently, never the maximised one", () => {
		const many = Array.from({ length: 33 }, (_, index) => `c${index}`).reduce(addMinimised, NO_WINDOWS);
		const layout = maximise(many, "c30");
		const shown = tabsThatFit(layout.boxes, layout.recent, DESK).map(({ conversation }) => conversation);
		expect(shown.length).toBeGreaterThan(12);
		expect([shown.includes("c30"), shown.includes("c0"), shown.includes("c32")]).toEqual([true, true, false]);
		expect(tabsThatFit(layout.boxes, layout.recent, PHONE).length).toBe(33);
	});
});

describe("the layout of any screen", () => {
	it("leaves every part its room on any screen", () => {
		const step = fc.oneof(
			...[open, maximise].map((act) =>
				fc.constantFrom("a", "b", "c", "d", "e").map((id) => (state: WindowLayout) => act(state, id)),
			),
			fc.constant(toggleList),
		);
		const size = fc.record({
			width: fc.integer({ min: 320, max: 3840 }),
			height: fc.integer({ min: 300, max: 2160 }),
		});
		fc.assert(
			fc.property(fc.array(step), size, (steps, screen) => {
				const layout = steps.reduce((state, act) => act(state), NO_WINDOWS);
				const found = screenLayout(layout, screen);
				const open = found.windows.filter(({ view }) => view === "compact").length;
				expect(open).toBeLessThanOrEqual(found.columns * 2);
				expect(found.windows.filter(({ view }) => view === "maximised").length).toBeLessThanOrEqual(1);
				if (found.columns > 0) expect(found.columnWidth).toBeGreaterThanOrEqual(304);
				if (found.columns > 0) expect(found.pageWidth).toBeGreaterThanOrEqual(400);
				const panel = screen.width <= 720 ? 0 : PANEL;
				const list = found.list === "beside" ? LIST_WIDTH : 0;
				expect(panel + list + found.pageWidth + found.columns * found.columnWidth).toBe(screen.width);
				expect(screenLayout(uncoverPage(layout, screen), screen).pageShown).toBe(true);
			}),
		);
	});
});
