// @vitest-environment happy-dom
import { LANGUAGES } from "@palique/ui/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Api } from "../src/api/api";
import { Problem } from "../src/api/http";
import type { Site } from "../src/api/shapes";
import { InvitationStore, invitationLink } from "../src/session/InvitationStore";
import { contrast, isColour, textOn } from "../src/settings/colours";
import { FirstStepsStore, isOpen } from "../src/settings/FirstStepsStore";
import { SiteStore } from "../src/settings/SiteStore";
import { dirtyFields, overwrittenFields, withoutFields } from "../src/settings/siteDraft";

function noTexts(): Site["texts"] {
	const texts = LANGUAGES.map((language) => [language, { title: "", online: "", offline: "" }]);
	return Object.fromEntries(texts);
}

const SITE: Site = {
	site: "demo",
	version: 3,
	name: "Demo",
	enabled: true,
	origins: [],
	colours: { light: "#0c6b58", dark: "#1b6a58" },
	position: "right",
	consent: false,
	teams: false,
	texts: noTexts(),
};

describe("colours", () => {
	it("keep the contrast of text on every background", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 0xffffff }), (number) => {
				const background = `#${number.toString(16).padStart(6, "0")}`;
				expect(isColour(background)).toBe(true);
				expect(contrast(textOn(background), background)).toBeGreaterThanOrEqual(4.5);
			}),
		);
	});

	it.each(["red", "#fff", "#12345g", "#1234567", "", "#0c6b58;"])("reject %j", (text) => {
		expect(isColour(text)).toBe(false);
	});
});

describe("an invitation's link", () => {
	it("has the token only in the fragment, which is removed from the address bar at once (I-19)", () => {
		const link = new URL(invitationLink("https://desk.example", "a-b_c"));
		expect(link.search).toBe("");
		expect(link.pathname).toBe("/dashboard/");
		window.history.replaceState(null, "", `/dashboard/?visitor=v${link.hash}`);
		const store = new InvitationStore(window);
		expect(store.token.value).toBe("a-b_c");
		expect(window.location.href).not.toContain("a-b_c");
		expect(window.location.search).toBe("?visitor=v");
		store.forget();
		expect(store.token.value).toBeNull();
	});
});

describe("the first steps", () => {
	const done = {
		dismissed: false,
		seen: { origin: "https://shop.example", at: "2026-06-02T12:00:00.000Z" },
		refused: [],
		tried: true,
		invited: true,
		introduced: true,
	};

	it("are shown until all are done or the list is hidden", () => {
		expect(isOpen(done)).toBe(false);
		for (const left of [{ seen: null }, { tried: false }, { invited: false }, { introduced: false }]) {
			expect(isOpen({ ...done, ...left })).toBe(true);
			expect(isOpen({ ...done, ...left, dismissed: true })).toBe(false);
		}
	});

	it("stay while no answer comes, and are hidden at once", async () => {
		const answers = [{ ...done, tried: false }];
		const api = {
			firstSteps: async () => answers.pop() ?? Promise.reject(new Problem("offline", 0, null)),
			dismissFirstSteps: async () => {},
		} as unknown as Api;
		const store = new FirstStepsStore(api);
		expect(store.open.value).toBe(false);
		await store.load();
		await store.load();
		expect(store.open.value).toBe(true);
		await store.dismiss();
		expect(store.open.value).toBe(false);
	});
});

describe("a draft of site settings", () => {
	const mine = { name: "Mine", consent: true };

	it("saves only its own changes", () => {
		expect(dirtyFields(SITE, mine)).toEqual(["name", "consent"]);
		expect(dirtyFields(SITE, { name: SITE.name, origins: [] })).toEqual([]);
		const theirs = { ...SITE, version: 4, position: "left" as const };
		expect(overwrittenFields(SITE, theirs, mine)).toEqual([]);
	});

	it("drops a field that another person changed first", () => {
		const theirs = { ...SITE, version: 4, name: "Theirs" };
		expect(overwrittenFields(SITE, theirs, mine)).toEqual(["name"]);
		expect(withoutFields(mine, ["name"])).toEqual({ consent: true });
		expect(overwrittenFields(SITE, { ...SITE, name: "Mine" }, mine)).toEqual([]);
	});
});

describe("the site's settings", () => {
	const welcome = { type: "welcome" } as never;

	it("are loaded again after a change", async () => {
		let version = 3;
		let reads = 0;
		const api = { site: async () => ({ ...SITE, version, reads: ++reads }) } as unknown as Api;
		const store = new SiteStore(api);
		store.receive(welcome);
		await Promise.resolve();
		store.receive({ type: "site_settings", enabled: true, version: 3 });
		expect(reads).toBe(1);
		version = 4;
		store.receive({ type: "site_settings", enabled: false, version: 4 });
		await Promise.resolve();
		expect(reads).toBe(2);
		expect(store.site.value?.version).toBe(4);
	});

	it("are the current ones after a conflict", async () => {
		const current = { ...SITE, version: 4, name: "Theirs" };
		const api = {
			site: async () => SITE,
			changeSite: async () => {
				throw new Problem("conflict", 409, { code: "conflict", current });
			},
		} as unknown as Api;
		const store = new SiteStore(api);
		store.receive(welcome);
		await Promise.resolve();
		expect((await store.change({ name: "Mine" }))?.code).toBe("conflict");
		expect(store.site.value).toEqual(current);
	});
});
