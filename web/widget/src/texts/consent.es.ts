import type { en } from "./consent.en";

/** Spanish, for the question that comes before everything else. */
export const es: typeof en = {
	open: "Abrir el chat",
	title: "Antes de chatear",
	sentence:
		"Para hablar contigo guardamos un identificador en este navegador y vemos qué páginas de este sitio abres. ¿Nos lo permites?",
	yes: "Sí, chatear",
	no: "No, gracias",
};
