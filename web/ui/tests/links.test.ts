import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitLinks, webLink } from "../src/links";

const linksOf = (text: string) =>
	splitLinks(text)
		.filter((part) => part.link)
		.map((part) => part.text);

/** A text and the address in it. */
const LINKED = [
	["Https://A.example/x", "Https://A.example/x"],
	["HTTP://a.example", "HTTP://a.example"],
	["«https://a.example/x»", "https://a.example/x"],
	["“https://a.example/x”.", "https://a.example/x"],
	["见 https://a.example/x。谢谢", "https://a.example/x"],
	['<a href="https://a.example/x">', "https://a.example/x"],
	["https://a.example/x?!…", "https://a.example/x"],
	["https://a.example/Tea_(drink)", "https://a.example/Tea_(drink)"],
	["(https://a.example/Tea_(drink)).", "https://a.example/Tea_(drink)"],
	["[https://a.example/x]", "https://a.example/x"],
	["https://en.shop.example/wiki/Vase_(pottery)", "https://en.shop.example/wiki/Vase_(pottery)"],
	["(https://a.example/f(a(b)c)).", "https://a.example/f(a(b)c)"],
	["((https://a.example/x))", "https://a.example/x"],
	["[text](https://a.example/x)", "https://a.example/x"],
	["**https://a.example/x**", "https://a.example/x"],
	["`https://a.example/x`", "https://a.example/x"],
	["‹https://a.example/x›", "https://a.example/x"],
	["„https://a.example/x“", "https://a.example/x"],
	["《https://a.example/x》", "https://a.example/x"],
	["〔https://a.example/x〕と", "https://a.example/x"],
	["［https://a.example/x］", "https://a.example/x"],
	["（https://a.example/x），谢谢", "https://a.example/x"],
	["https://a.example/x｡", "https://a.example/x"],
	["https://a.example/x・", "https://a.example/x"],
	["https://a.example/x、ありがとう", "https://a.example/x"],
	["https://a.example/x،", "https://a.example/x"],
	["https://a.example/x؟", "https://a.example/x"],
	["https://a.example/x۔ شکریہ", "https://a.example/x"],
	["https://a.example/x।", "https://a.example/x"],
	["https://a.example/x—", "https://a.example/x"],
	["https://[2001:db8::1]:8080/x.", "https://[2001:db8::1]:8080/x"],
	["[https://[2001:db8::1]/]", "https://[2001:db8::1]/"],
	["https://münchen.example/straße!", "https://münchen.example/straße"],
	["https://例え.テスト/パス。", "https://例え.テスト/パス"],
	["https://a.example/عربي-12", "https://a.example/عربي-12"],
	["https://a.example/\u202egpj.exe", "https://a.example/"],
	["https://a.example\u2066/x", "https://a.example"],
	["https://a.example/\u0000x", "https://a.example/"],
];

describe("links in texts (I-22: text from visitors is never run)", () => {
	it("finds addresses and leaves out punctuation that ends the sentence", () => {
		expect(splitLinks("see https://a.example/x?y=1. Or (http://b.example)!")).toEqual([
			{ text: "see ", link: false },
			{ text: "https://a.example/x?y=1", link: true },
			{ text: ". Or (", link: false },
			{ text: "http://b.example", link: true },
			{ text: ")!", link: false },
		]);
	});

	it.each([
		"javascript:alert(1)",
		"data:text/html,x",
		"data:text/html,<script>alert(1)</script>",
		"<img src=x onerror=alert(1)>",
		"vbscript:x",
		"file:///etc/passwd",
		"ftp://a.example",
		"http://",
		"https://.",
		"www.a.example",
		"https://bank.example@evil.example/",
		"https://user:secret@evil.example",
	])("makes no link of %s", (text) => {
		expect(linksOf(text)).toEqual([]);
	});

	it.each(LINKED)("of %j links %s", (text, address) => {
		expect(linksOf(text)).toEqual([address]);
	});
});

describe("links in any text (I-22)", () => {
	it("loses no character and links nothing but http and https, whatever the text", () => {
		const fragments = [
			"https://",
			"HTTP://",
			"a.example",
			"/",
			"(",
			")",
			"@",
			":",
			".",
			"»",
			"۔",
			"》",
			" ",
			"\u202e",
			"javascript:",
			"\ud800",
			"ñ",
		];
		const text = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.string({ maxLength: 3 })));
		fc.assert(
			fc.property(text, (pieces) => {
				const parts = splitLinks(pieces.join(""));
				expect(parts.map((part) => part.text).join("")).toBe(pieces.join(""));
				for (const url of parts.filter((part) => part.link).map((part) => new URL(part.text)))
					expect(`${url.protocol}${url.username}`).toMatch(/^https?:$/);
			}),
		);
	});

	it("takes time linear in the text", () => {
		const started = performance.now();
		splitLinks(`https://a.example/${")".repeat(200_000)}`);
		expect(performance.now() - started).toBeLessThan(1_000);
	});
});

describe("addresses of visitors' pages (I-22)", () => {
	it.each([
		"javascript:alert(1)",
		"JaVaScRiPt:alert(1)",
		" javascript:x",
		"java\nscript:alert(1)",
		"data:text/html,<script>",
		"blob:x",
		"file:///etc",
		"/path",
		"https://shop.example@evil.example/",
		"",
		null,
	])("does not link %j", (address) => {
		expect(webLink(address)).toBeNull();
	});

	it("links web addresses", () => {
		expect(webLink("https://shop.example/a?b=1#c")).toBe("https://shop.example/a?b=1#c");
		expect(webLink("Https://Shop.example")).toBe("https://shop.example/");
	});
});
