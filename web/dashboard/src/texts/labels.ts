/** Translates names that the server generates in English. Names from people stay as they are. Pure. */
import { stripBidiControls } from "@palique/ui/bidi";
import type { T } from "./LanguageStore";

/** Name of a visitor; unnamed ones are called by the end of their id. Bidi controls are removed. */
export function personName(t: T, name: string): string {
	const code = /^Visitor ([0-9A-F]{4})$/.exec(name)?.[1];
	return code ? t("visitor_unnamed", { code }) : stripBidiControls(name);
}

/** Subject of a ticket; the generated subject "Chat with …" is translated. */
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

/** Translates the gateway's device type. */
export function deviceText(t: T, device: string | null): string {
	return device && device in DEVICES ? t(DEVICES[device as keyof typeof DEVICES]) : known(t, device);
}

/** The gateway reports facts that the user agent does not reveal as `Unknown`. */
export function known(t: T, value: string | null): string {
	return isKnown(value) ? value : t("not_known");
}

export function isKnown(value: string | null): value is string {
	return Boolean(value) && value !== "Unknown";
}
