// @vitest-environment happy-dom
import { translator } from "@palique/ui/i18n";
import { signal } from "@preact/signals";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../src/api/http";
import { type Stores, StoresContext } from "../src/StoresContext";
import { SessionsCard } from "../src/settings/SessionsCard";
import { en } from "../src/texts/en";

const PASSWORD = "correct horse battery";
const other = {
	session: "there",
	current: false,
	created_at: null,
	seen_at: null,
	browser: "Firefox",
	os: "Linux",
	device: "Desktop",
	address: "192.0.2.1",
};

// A gateway for which the sign-in was long ago.
let isProven = false;
const ended: string[] = [];
const api = {
	sessions: async () => [other],
	async prove(password: string) {
		if (password !== PASSWORD) throw new Problem("wrong_credentials", 401, null);
		isProven = true;
	},
	async endSession(session: string) {
		if (!isProven) throw new Problem("proof_needed", 403, null);
		ended.push(session);
	},
};
const show = vi.fn();
const signOutEverywhere = async () => api.endSession("all");

beforeEach(async () => {
	isProven = false;
	ended.length = 0;
	show.mockClear();
	const stores = {
		api,
		language: { t: signal(translator("en", en)) },
		session: { signOutEverywhere },
		toasts: { show },
	};
	await act(async () =>
		render(
			<StoresContext.Provider value={stores as unknown as Stores}>
				<SessionsCard />
			</StoresContext.Provider>,
			document.body,
		),
	);
});

afterEach(() => act(() => render(null, document.body)));

function button(text: string): HTMLButtonElement {
	const found = [...document.querySelectorAll("button")].find((one) => one.textContent === text);
	if (!found) throw new Error(`no button ${text}`);
	return found;
}

/** The step and all answers of the gateway to it. */
const answered = (step: () => void) =>
	act(async () => {
		step();
		await new Promise((done) => setTimeout(done));
	});
const click = (text: string) => answered(() => button(text).click());

async function enter(password: string): Promise<void> {
	await answered(() => {
		const field = document.querySelector<HTMLInputElement>("input[type=password]");
		if (!field) throw new Error("no question for the password");
		field.value = password;
		field.dispatchEvent(new Event("input"));
	});
	await answered(() => void document.querySelector("dialog form")?.dispatchEvent(new Event("submit")));
}

test.each([
	["one session", "Sign out", "there"],
	["all sessions", "Sign out everywhere", "all"],
])("%s is ended after the password where the gateway asks for it", async (_, text, session) => {
	await click(text);
	expect([ended, show.mock.calls]).toEqual([[], []]);
	await enter("guessed");
	expect(document.querySelector("dialog [role=alert]")?.textContent).toContain("The password is wrong.");
	expect(ended).toEqual([]);
	await enter(PASSWORD);
	expect(ended).toEqual([session]);
	expect(document.querySelector("dialog")).toBeNull();
});

test("a question that is cancelled ends nothing", async () => {
	await click("Sign out");
	await click("Cancel");
	expect([ended, document.querySelector("dialog")]).toEqual([[], null]);
});

test("a recent sign-in needs no password", async () => {
	isProven = true;
	await click("Sign out");
	expect(ended).toEqual(["there"]);
	expect(document.querySelector("dialog")).toBeNull();
});
