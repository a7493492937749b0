import { useStores } from "../StoresContext";
import { personName } from "../texts/labels";
import { useText } from "../texts/useText";

/** Returns the current name of a person; of a visitor it may differ from the one that came with a conversation or an entry. */
export function useNameOf(): (person: { kind?: string; id: string; name?: string }) => string {
	const { names } = useStores();
	const t = useText();
	return ({ kind = "visitor", id, name = "" }) =>
		personName(t, (kind === "visitor" ? names.of(id) : undefined) ?? name);
}

/** A visitor's current name. */
export function useVisitorName(visitor: { id: string; name: string }): string {
	return useNameOf()(visitor);
}
