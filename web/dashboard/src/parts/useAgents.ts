import { useMemo } from "preact/hooks";
import type { Agent } from "../api/shapes";
import { useStores } from "../StoresContext";
import { byName } from "../texts/nameOrder";
import { useText } from "../texts/useText";
import { useLoad } from "./useLoad";

/** The agents of the site with access, in the order of names; empty until they are loaded. */
export function useAgents(): readonly Agent[] {
	const { api } = useStores();
	const { language } = useText();
	const loaded = useLoad(() => api.agents(), [api]).value;
	return useMemo(() => byName(loaded ?? [], language), [loaded, language]);
}
