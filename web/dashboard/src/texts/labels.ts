/** What the server calls things by itself, in English, said in the agent's language; what people wrote stays as it is. Pure. */
import { stripBidiControls } from "@palique/ui/bidi";
import type { T } from "./LanguageStore";

/** A visitor whom nobody has named is called by the end of their id. A name that turns the direction of writing is read as it is. */
export function personName(t: T, name: string): string {
	const code = /^Visitor ([0-9A-F]{4})$/.exec(name)?.[1];
	return code ? t("visitor_unnamed", { code }) : stripBidiControls(name);
}

/** A ticket is called by the chat that it was made from until somebody finds better words. */
export function subjectText(t: T, subject: string): string {
	const name = /^Chat with (.+)$/s.exec(subject)?.[1];
	return name ? t("subject_of_chat", { name: personName(t, name) }) : stripBidiControls(subject);
}

const DEVICES = {
	Desktop: "device_desktop",
	Phone: "device_phone",
	Tablet: "device_tablet",
	Bot: "device_bot",
} as const;

/** The gateway's word for a kind of computer. */
export function deviceText(t: T, device: string | null): string {
	return device && device in DEVICES ? t(DEVICES[device as keyof typeof DEVICES]) : known(t, device);
}

/** What a user agent does not tell is `Unknown`. */
export function known(t: T, value: string | null): string {
	return isKnown(value) ? value : t("not_known");
}

export function isKnown(value: string | null): value is string {
	return Boolean(value) && value !== "Unknown";
}
