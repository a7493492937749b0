import { type ComponentChildren, createContext } from "preact";
import { useCallback, useContext, useEffect, useState } from "preact/hooks";

interface FormState {
	/** True while a field holds more than its limit. */
	readonly blocked: boolean;
	report(field: string, over: boolean): void;
}

const FormContext = createContext<FormState>({ blocked: false, report() {} });

interface Props {
	class: string;
	onSubmit: () => void;
	children: ComponentChildren;
}

/** Form that cannot be submitted while a field holds more than its limit. Its fields explain the problem, not the browser. */
export function Form({ class: name, onSubmit, children }: Props) {
	const [fields, setFields] = useState<readonly string[]>([]);
	const blocked = fields.length > 0;
	const report = useCallback(
		(field: string, over: boolean) =>
			setFields((before) => [...before.filter((other) => other !== field), ...(over ? [field] : [])]),
		[],
	);
	return (
		<FormContext.Provider value={{ blocked, report }}>
			<form
				class={name}
				noValidate
				onSubmit={(event) => {
					event.preventDefault();
					if (!blocked) onSubmit();
				}}
			>
				{children}
			</form>
		</FormContext.Provider>
	);
}

/** True while the form around must not be submitted. */
export function useFormBlocked(): boolean {
	return useContext(FormContext).blocked;
}

/** Blocks the form around while `over` is true and the field is shown. */
export function useFieldOver(field: string, over: boolean): void {
	const { report } = useContext(FormContext);
	useEffect(() => {
		if (!over) return;
		report(field, true);
		return () => report(field, false);
	}, [report, field, over]);
}
