import type { Person } from "@palique/client";
import { useStores } from "../stores";

/** A visitor's name as it is known now; a conversation knows the one from when it began. */
export function useVisitorName({ id, name }: Person): string {
	const { profiles, visitors } = useStores();
	const profile = profiles.of(id).value;
	if (profile.phase === "ready") return profile.value.name;
	return visitors.window.value.rows.get(id)?.name ?? name;
}
