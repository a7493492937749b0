import { expect, test } from "vitest";
import { pickLanguage, translator } from "../src/i18n";
import { hue, initials } from "../src/initials";
import { dayKey, duration } from "../src/time";

const texts = { hello: "Hello {name}", wait_one: "{n} person", wait_other: "{n} people" };

test("texts are filled in, and an unknown placeholder stays as it is", () => {
	const t = translator("en", texts);
	expect(t("hello", { name: "Ada" })).toBe("Hello Ada");
	expect(t("hello")).toBe("Hello {name}");
});

test("the language's plural rule chooses the form", () => {
	const t = translator("en", texts);
	expect(t.count("wait", 1)).toBe("1 person");
	expect(t.count("wait", 0)).toBe("0 people");
});

test("the first available wanted language is chosen, region ignored", () => {
	expect(pickLanguage(["fr-FR", "es-MX", "en"], ["en", "es"], "en")).toBe("es");
	expect(pickLanguage(["fr"], ["en", "es"], "en")).toBe("en");
});

test("initials exist for empty, single and astral names", () => {
	expect(initials("Ada Lovelace King")).toBe("AK");
	expect(initials("  ")).toBe("?");
	expect(initials("😀 Zed")).toBe("😀Z");
	expect(hue("a")).toBe(hue("a"));
});

test("durations name the two largest units", () => {
	expect(duration(59)).toBe("59 s");
	expect(duration(61)).toBe("1 min 1 s");
	expect(duration(7_380)).toBe("2 h 3 min");
	expect(dayKey(new Date(2026, 0, 2))).toBe("2026-1-2");
});

test("a right-to-left name does not reorder the sentence around it", () => {
	const t = translator("en", { typing: "{name} is typing" });
	expect(t("typing", { name: "Eva" })).toBe("Eva is typing");
	expect(t("typing", { name: "דנה" })).toBe("\u2068דנה\u2069 is typing");
	expect(t("typing", { name: "evil\u202e\u2069gnp" })).toBe("\u2068evilgnp\u2069 is typing");
});
