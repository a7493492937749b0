import type { Person } from "@palique/client";
import { useStores } from "../../StoresContext";
import { personName } from "../../texts/labels";
import { useText } from "../../texts/useText";

/** A visitor's current name. The conversation only has the name from its beginning. */
export function useVisitorName({ id, name }: Person): string {
	const { profiles, visitors } = useStores();
	const t = useText();
	const profile = profiles.of(id).value;
	if (profile.phase === "ready") return personName(t, profile.value.name);
	return personName(t, visitors.window.value.rows.get(id)?.name ?? name);
}
