// @vitest-environment happy-dom
import { translator } from "@palique/ui/i18n";
import { signal } from "@preact/signals";
import { render } from "preact";
import { useState } from "preact/hooks";
import { act } from "preact/test-utils";
import { expect, test, vi } from "vitest";
import { MAX_PASSWORD, MIN_PASSWORD } from "../src/api/limits.gen";
import { Button } from "../src/parts/Button";
import { Form } from "../src/parts/Form";
import { isPasswordLength, NewPasswordField } from "../src/parts/NewPasswordField";
import { SearchField } from "../src/parts/SearchField";
import { TextField } from "../src/parts/TextField";
import { type Stores, StoresContext } from "../src/StoresContext";
import { en } from "../src/texts/en";

function show(content: preact.ComponentChildren): void {
	const stores = { language: { t: signal(translator("en", en)) } } as unknown as Stores;
	act(() => render(<StoresContext.Provider value={stores}>{content}</StoresContext.Provider>, document.body));
}

function type(text: string): void {
	act(() => {
		const field = document.querySelector("input") as HTMLInputElement;
		field.value = text;
		field.dispatchEvent(new Event("input"));
	});
}

test("a form with a text over its limit keeps the text, explains it, and is not submitted", () => {
	const submitted = vi.fn();
	function Names() {
		const [name, setName] = useState("");
		return (
			<Form class="names" onSubmit={submitted}>
				<TextField label="Name" value={name} onValue={setName} limit={3} />
				<Button type="submit">Save</Button>
				<Button>Cancel</Button>
			</Form>
		);
	}
	show(<Names />);
	const [save, cancel] = [...document.querySelectorAll("button")];
	const submit = () => act(() => void document.querySelector("form")?.dispatchEvent(new Event("submit")));
	type("Zoë 😀");
	const field = document.querySelector("input");
	const notice = document.getElementById(field?.getAttribute("aria-describedby") ?? "");
	expect([field?.value, notice?.textContent]).toEqual(["Zoë 😀", "2 characters too many. Shorten the text."]);
	expect([save?.disabled, cancel?.disabled, field?.getAttribute("aria-invalid")]).toEqual([
		true,
		false,
		"true",
	]);
	submit();
	expect(submitted).not.toHaveBeenCalled();
	type("Zoë");
	expect([save?.disabled, document.querySelector(".limit")?.textContent]).toEqual([
		false,
		"0 characters left",
	]);
	submit();
	expect(submitted).toHaveBeenCalledOnce();
});

test("a search over the limit stays in the field and is not sent", () => {
	const searched = vi.fn();
	show(<SearchField label="Search" value="" onValue={searched} />);
	type("z".repeat(201));
	expect(document.querySelector("input")?.value).toHaveLength(201);
	expect(searched).not.toHaveBeenCalled();
	type("z".repeat(200));
	expect(searched).toHaveBeenCalledWith("z".repeat(200));
});

test("the field for a new password shows its limit, counts up to it in code points, and knows the length", () => {
	function Passwords() {
		const [password, setPassword] = useState("");
		return <NewPasswordField value={password} onValue={setPassword} />;
	}
	show(<Passwords />);
	const hint = () => document.querySelector(".field-hint")?.textContent;
	expect(hint()).toBe(`At least ${MIN_PASSWORD} characters.`);
	type("horse 😀");
	expect(hint()).toBe(`7 of at least ${MIN_PASSWORD} characters.`);
	const long = "😀".repeat(MIN_PASSWORD);
	type(long);
	expect(hint()).toBe(`At least ${MIN_PASSWORD} characters.`);
	expect([long, long.slice(2), "x".repeat(MAX_PASSWORD + 1)].map(isPasswordLength)).toEqual([
		true,
		false,
		false,
	]);
});
