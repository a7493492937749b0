import type { Person } from "@palique/client";
import { useStores } from "../../StoresContext";
import { personName } from "../../texts/labels";
import { useText } from "../../texts/useText";

/** A visitor's name as it is known now; a conversation knows the one from when it began. */
export function useVisitorName({ id, name }: Person): string {
	const { profiles, visitors } = useStores();
	const t = useText();
	const profile = profiles.of(id).value;
	if (profile.phase === "ready") return personName(t, profile.value.name);
	return personName(t, visitors.window.value.rows.get(id)?.name ?? name);
}
