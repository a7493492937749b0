import { translator } from "@palique/ui/i18n";
import { describe, expect, it } from "vitest";
import { en as firstRunEn } from "../src/firstrun/en";
import { es as firstRunEs } from "../src/firstrun/es";
import { en as mailEn } from "../src/settings/mail/en";
import { es as mailEs } from "../src/settings/mail/es";
import { countries } from "../src/texts/countries";
import { elapsed } from "../src/texts/elapsed";
import { en } from "../src/texts/en";
import { es } from "../src/texts/es";
import { countryOptions, place } from "../src/texts/geoPlace";
import { byName } from "../src/texts/nameOrder";
import { shortAddress } from "../src/texts/pageName";
import { problemText } from "../src/texts/problem";

const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
const english = translator("en", en);
const spanish = translator("es", es);

describe("languages (W-06)", () => {
	it.each(Object.keys(en) as (keyof typeof en)[])("%s has the same placeholders in both", (key) => {
		expect(holes(es[key])).toEqual(holes(en[key]));
		expect(es[key].trim()).not.toBe("");
	});

	it.each(Object.keys(firstRunEn) as (keyof typeof firstRunEn)[])("%s of the first run too", (key) => {
		expect(holes(firstRunEs[key])).toEqual(holes(firstRunEn[key]));
		expect(firstRunEs[key].trim()).not.toBe("");
	});

	it.each(Object.keys(mailEn) as (keyof typeof mailEn)[])("%s of mail too", (key) => {
		expect(holes(mailEs[key])).toEqual(holes(mailEn[key]));
		expect(mailEs[key].trim()).not.toBe("");
	});
});

describe("values in a language", () => {
	it("shows time spans", () => {
		const now = Date.parse("2026-06-02T12:00:00.000Z");
		const instants = [
			"2026-06-02T12:00:09.000Z",
			"2026-06-02T11:58:30.000Z",
			"2026-06-02T09:00:00.000Z",
			"2026-05-30T12:00:00.000Z",
		];
		expect(instants.map((since) => elapsed(english, since, now))).toEqual(["< 1 min", "1 min", "3 h", "3 d"]);
	});

	it("shows locations in the agent's language (S-19)", () => {
		expect(place(spanish, "Germany", "DE")).toBe("Alemania");
		expect(place(english, "the gateway's name of Türkiye", "TR")).toMatch(/^T[uü]rk\w+$/);
		expect(place(english, "Local", null)).toBe("Local");
		expect(place(spanish, "Unknown", null)).toBe("Desconocido");
		expect(place(english, null, "not a code")).toBe("not a code");
	});

	it("shows the problem and the time to wait (I-26)", () => {
		expect(
			problemText(spanish, { code: "too_fast", body: { code: "too_fast", retry_after_s: 1 } }),
		).toContain("1 segundo.");
		expect(problemText(english, { code: "a code to come" })).toBe(en.problem_unavailable);
	});
});

describe("lists of names", () => {
	it("count numbers as numbers, and letters as the language does", () => {
		const names = (all: string[], language: string) =>
			byName(
				all.map((name) => ({ name })),
				language,
			).map(({ name }) => name);
		expect(names(["Agent 102", "agent 11", "Agent 2"], "en")).toEqual(["Agent 2", "agent 11", "Agent 102"]);
		expect(names(["102", "11"], "es")).toEqual(["11", "102"]);
		expect(names(["Ñu", "Oso", "Nuria"], "es")).toEqual(["Nuria", "Ñu", "Oso"]);
	});

	it("have each country once", () => {
		expect(countryOptions(["ES", "DE"], "es").map(({ text }) => text)).toEqual(["Alemania", "España"]);
		for (const language of ["en", "es"]) {
			const texts = countries(language).map(({ text }) => text);
			expect(new Set(texts).size).toBe(texts.length);
		}
	});
});

describe("addresses of visitors' pages", () => {
	it("are shortened", () => {
		expect(shortAddress("https://shop.example/")).toBe("shop.example");
		expect(shortAddress("https://shop.example/a?b=1#c")).toBe("shop.example/a?b=1");
		expect(shortAddress("javascript:alert(1)")).toBe("javascript:alert(1)");
	});
});
