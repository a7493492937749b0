/** A visitor's profile while a component shows it; reloaded when the live list reports a change. */
import { useEffect } from "preact/hooks";
import type { Profile } from "../../api/shapes";
import { useStores } from "../../StoresContext";
import type { Loadable } from "./ProfileStore";

export function useProfile(visitor: string): Loadable<Profile> {
	const { profiles, visitors, connection } = useStores();
	const row = visitors.window.value.rows.get(visitor);
	const connected = connection.phase.value === "live";
	const moved = row
		? `${row.page.url} ${row.state} ${row.visits} ${row.chats} ${row.fields_version}`
		: "away";
	useEffect(() => {
		void profiles.load(visitor);
	}, [profiles, visitor, moved, connected]);
	return profiles.of(visitor).value;
}
