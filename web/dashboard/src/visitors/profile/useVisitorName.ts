import type { Person } from "@palique/client";
import { type Stores, useStores } from "../../StoresContext";
import type { T } from "../../texts/LanguageStore";
import { personName } from "../../texts/labels";
import { useText } from "../../texts/useText";

/** A visitor's current name. The conversation only has the name from its beginning. */
export function useVisitorName(person: Person): string {
	return visitorName(useStores(), useText(), person);
}

export function visitorName({ profiles, visitors }: Stores, t: T, { id, name }: Person): string {
	const profile = profiles.of(id).value;
	if (profile.phase === "ready") return personName(t, profile.value.name);
	return personName(t, visitors.window.value.rows.get(id)?.name ?? name);
}
