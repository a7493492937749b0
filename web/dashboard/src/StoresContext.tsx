/** Gives components access to the stores. `main.tsx` builds them once and provides them by context. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";

/**
 * All stores of the page by name. Each feature declares its own store here with `declare module`, beside the store's class, so
 * that this module imports no feature.
 */
// biome-ignore lint/suspicious/noEmptyInterface: features add the members.
export interface Stores {}

export const StoresContext = createContext<Stores | null>(null);

export function useStores(): Stores {
	const stores = useContext(StoresContext);
	if (!stores) throw new Error("useStores needs a StoresContext provider above the component");
	return stores;
}
