import type { Texts } from "@palique/ui/i18n";
import type { en } from "./en";

/** Spanish texts of the first run. */
export const es: Texts<keyof typeof en> = {
	title: "Configura Palique",
	lead: "Tu sitio y su primer administrador.",
	code: "Código de configuración",
	code_hint: "Está en el registro del gateway; el comando palique setup muestra uno nuevo.",
	origin: "Dirección de tu sitio web",
	origin_hint: "Solo el principio, por ejemplo https://tienda.example. Sus páginas podrán mostrar el chat.",
	name: "Tu nombre",
	submit: "Crear el sitio",
	wrong_code: "Este no es el código más reciente. El comando palique setup muestra uno nuevo.",
	code_expired: "Este código ha caducado. El comando palique setup muestra uno nuevo.",
	done: "Palique ya está configurado.",
	origin_bad:
		"Escribe solo el principio de la dirección, por ejemplo https://tienda.example: sin ruta, y sin http:// si el sitio está en internet.",
	name_bad: "Los nombres necesitan una letra o cifra y 100 caracteres como máximo.",
};
