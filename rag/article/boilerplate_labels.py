"""The labels of page furniture, in the languages of the first corpora, as they stand on pages; `phrases` finds them.

A line holds several, with "|" between them, where an entry may have several words.
"""

from __future__ import annotations

# A block of links to other stories starts with one of these, alone on a line or followed by a colon and the link.
RELATED = """
Citește și|Citiți și|Citește mai mult|Citește mai departe|Vezi și|Vedeți și|Pe aceeași temă|Articole similare
Articole recomandate|Articole conexe|Recomandări
Recomandarea autorului|Recomandarea video|Recomandarea editorilor|Recomandate|Recomandat|Recomandarea redacției
Te-ar putea interesa|Ți-ar putea plăcea
Cele mai noi|Cele mai citite|Cele mai recente|Ultimele știri|Ultima oră|Alte știri|Alte articole|Știri recomandate
Știri similare|Alte știri din categorie|Din aceeași secțiune|Pe același subiect|Din aceeași categorie|Mai multe din
Preberite tudi|Preberi tudi|Preberite še|Preberi še|Berite tudi|Beri tudi|Sorodni članki|Sorodne novice
Sorodne vsebine|Povezane novice|Povezani članki|Povezane vsebine|Najbolj brano|Najbolj brane
Najnovejše|Najnovejše novice|Zadnje novice|Več iz rubrike|Več novic|Priporočamo|Priporočeno|Poglejte tudi
Poglej tudi|Morda vas zanima|Ne spreglejte|Izpostavljeno|Aktualno|Preberite več
Read also|Also read|Read more|Read next|See also|Related|Related articles|Related stories|Related topics
More on this story|More on this|More from|More stories|Most read|Most popular|Latest news|Latest
Most viewed|Recent stories|Top stories|Trending|Trending now|Recommended|Recommended stories
You may also like|You might also like|Don't miss
Editor's picks|Editors’ picks|Up next|Popular now|In other news|Around the web|From the web|Sponsored content
Lesen Sie auch|Lesen Sie mehr|Lesen Sie hier|Mehr zum Thema|Mehr dazu|Mehr zu|Auch interessant
Das könnte Sie auch interessieren|Das könnte Sie interessieren|Meistgelesen|Neueste Nachrichten|Verwandte Artikel
Weitere Artikel|Weitere Themen|Ähnliche Artikel|Empfehlungen der Redaktion|Empfohlen|Aktuelle Meldungen|Siehe auch
Zum Thema|Weitere Informationen|Weitere Nachrichten|Mehr Nachrichten|Alles zum Thema
Lire aussi|À lire aussi|À lire également|Lire la suite|Voir aussi|Sur le même sujet|Sur le même thème
Articles liés|Articles similaires|Les plus lus|Les plus lues|À la une|Dernières nouvelles|Dernières actualités
Dernières infos|Nos recommandations|Recommandé pour vous|Vous aimerez aussi|À regarder|Pour aller plus loin
Dans la même rubrique|En ce moment
Leggi anche|Leggi di più|Leggi tutto|Vedi anche|Articoli correlati|Notizie correlate|Potrebbe interessarti
Potrebbero interessarti|Ti potrebbe interessare|I più letti|Le più lette|Ultime notizie|Ultim'ora
Sullo stesso argomento|Guarda il video|Altri articoli|Consigliati|Da non perdere|In evidenza
Lea también|Leer también|Lee también|Lee más|Leer más|Te puede interesar|Le puede interesar|Ver también
Vea también|Noticias relacionadas|Artículos relacionados|Lo más leído|Lo más visto|Últimas noticias|Más noticias
Más información|Notas relacionadas|También te puede interesar|Más sobre este tema|Recomendados|Te recomendamos
Pročitajte i|Pročitajte još|Pročitaj i|Pročitaj još|Pročitajte više|Pročitajte također|Čitajte i|Čitaj još
Vezane vijesti|Povezane vijesti|Povezani članci|Vezani članci|Slične vijesti|Najčitanije|Najnovije
Najnovije vijesti|Zadnje vijesti|Možda će vas zanimati|Moglo bi vas zanimati|Izdvojeno|Preporučujemo|Preporučeno
Još vijesti|Još iz rubrike|Pogledajte i|Više o temi|Ne propustite
Leia também|Leia mais|Veja também|Notícias relacionadas|Mais lidas|Mais lidos|Últimas notícias|Lees ook|Lees meer
Zie ook|Meest gelezen|Czytaj także|Czytaj też|Zobacz także|Zobacz też|Polecamy|Najczęściej czytane|Čtěte také
Čtěte i|Související články|Nejčtenější|Prečítajte si aj|Súvisiace články|Olvassa el ezt is|Ezt is olvassa el
Der Autor|Die Autorin|Zum Autor|Zur Autorin|Über den Autor|Über die Autorin|Despre autor|O avtorju|O avtorici
About the author|Sobre el autor|Sobre la autora|Sobre la firma|À propos de l'auteur|Chi è l'autore|O autoru|O autorici
Kapcsolódó cikkek|Legolvasottabb|Прочетете още|Още по темата|Читайте также|Читайте також|Διαβάστε επίσης|Læs også
Läs också|Les også|Lue myös|Articol similar|Sorodna novica|Related article|Verwandter Artikel|Article lié
Articolo correlato|Noticia relacionada|Vezani članak|Más en|Read this|Continue reading|Explore more on these topics
"""

# Bars, buttons and labels: the line is furniture when it is one of these, or begins with it and is short.
BARS = """
Distribuie|Distribuiți|Distribuie articolul|Distribuie pe|Trimite acest link pe|Trimite pe|Share|Share this
Share this article|Share on|Comentarii|Adaugă un comentariu|Scrie un comentariu|Lasă un comentariu|Comentează
Urmărește-ne|Urmăriți-ne|Urmărește pe|Data publicării|Data actualizării|Live TV|Taguri|Etichete|Tags|Cuvinte cheie
Sari la conținut|Meniu|Caută|Autentificare|Contul meu|Publicitate|Copiază linkul|Tipărește|Ascultă articolul
Timp de citire|Minute de citit|Reclamă
Deli|Delite|Delite z drugimi|Deli članek|Delite članek|Komentarji|Dodaj komentar|Komentiraj|Pošlji|Natisni
Ključne besede|Oznake|Oglas|Oglasno sporočilo|Promocijsko besedilo|Prijava|Registracija|Meni|Iskanje
Preskoči na vsebino|Poslušajte članek|Čas branja|Velikost pisave|Sledite nam|Kopiraj povezavo|Domov
Comments|View image in fullscreen
Leave a comment|Add a comment|Post a comment|Join the conversation|Advertisement|Advertisment|Print
Print this page|Email|Copy link|Follow us|Follow us on|Sign in|Log in|Menu|Search|Skip to content
Skip to main content|Listen to this article|Topics|Tagged|Filed under|Back to top|Save|Gift this article
Reading time|Report a correction|Report an error|View comments|Show comments|Subscribe|Contact us|Privacy policy
Terms of use|Terms and conditions|Cookie policy|About us|Newsletter|Newsletters
Teilen|Artikel teilen|Merken|Drucken|Kommentare|Kommentar schreiben|Kommentieren|Anzeige|Werbung|Schlagwörter
Themen|Stichwörter|Folgen Sie uns|Anmelden|Menü|Suche|Zum Inhalt springen|Zur Startseite|Artikel anhören|Lesezeit
Impressum|Datenschutz|AGB|Startseite|Nach oben
Partager|Partager l'article|Partager sur|Commentaires|Commenter|Laisser un commentaire|Réagir|Imprimer
Envoyer par e-mail|Publicité|Mots-clés|Thèmes|Suivez-nous|Se connecter|S'abonner|Connexion|Recherche
Aller au contenu|Écouter l'article|Temps de lecture|Copier le lien|Mentions légales|Ajouter à vos favoris
Offrir l'article
Condividi|Condividi su|Condividi l'articolo|Commenti|Lascia un commento|Commenta|Stampa|Pubblicità|Seguici
Seguici su|Accedi|Abbonati|Cerca|Vai al contenuto|Ascolta l'articolo|Tempo di lettura|Copia link|Parole chiave
Argomenti|Note legali|Ascolta questo articolo
Compartir|Compartir en|Comparte|Comparte esta noticia|Comentarios|Deja un comentario|Comentar|Imprimir|Publicidad
Síguenos|Síganos|Iniciar sesión|Suscríbete|Buscar|Ir al contenido|Escuchar artículo|Tiempo de lectura
Copiar enlace|Etiquetas|Archivado en|Temas|Aviso legal|Enviar por correo
Podijeli|Podijelite|Podijeli članak|Komentari|Ostavi komentar|Ostavite komentar|Ispiši|Oglašavanje|Ključne riječi
Teme|Pratite nas|Prijavi se|Izbornik|Pretraži|Traži|Preskoči na sadržaj|Slušaj članak|Vrijeme čitanja
Uvjeti korištenja|Impresum|Kopiraj link|Pošalji prijatelju
Partilhar|Compartilhar|Delen|Reacties|Udostępnij|Komentarze|Sdílet|Diskuse|Zdieľať|Megosztás|Hozzászólások
Facebook|Twitter|X|WhatsApp|LinkedIn|Telegram|Messenger|Viber|Pinterest|Instagram|E-mail|YouTube|TikTok|Threads
Bluesky|Reddit|Google News|Home|RSS
Galerie foto|Fotogalerija|Galerija|Photo gallery|Gallery|Bildergalerie|Fotostrecke|Alle Bilder ansehen|Diaporama
Fotogallery|Galleria fotografica|Galería|Galería de fotos|Galerija fotografija
Ajouter à vos sélections|Neueste zuerst|Älteste zuerst|Newest|Oldest|Newest first|Oldest first|Les plus récents
Les plus anciens|Najnovejši|Najstarejši|In aggiornamento|Más recientes|Listen to this story|Pressekontakt
Contact de presă|Contact presse|Contatti stampa|Press contact|Media contact|Voir plus|Show more|Mehr anzeigen
Îmi place|Nu-mi place|Všeč mi je|Like|Dislike|Gefällt mir|J'aime|Je n'aime pas|Mi piace|Me gusta|No me gusta
Sviđa mi se|Ne sviđa mi se|Răspunde|Odgovori|Reply|Antworten|Répondre|Signaler|Rispondi|Responder
Prijavi neprimeren komentar|Pogledaj galeriju|Pogledajte galeriju|Poglej galerijo|Vezi galeria|Vezi galeria foto
View gallery|Zur Bildergalerie|Voir le diaporama|Guarda la gallery|Ver galería
"""

COMMENTS = """
comentarii komentarji comments kommentare commentaires commenti comentarios komentari reacties komentarze diskuse
diskusia hozzaszolasok mnenja opinii reactions leserkommentare
"""
NUMBERED = "comentariu komentarjev komentarja komentar comment kommentar commentaire commento comentario komentara"
OF_READERS = """
de la le les des vos i tutti dei lettori lecteurs der leser readers from our los las lectores cititorilor cititori
bralcev citatelja all vase vasi ver vezi show view voir afficher alle anzeigen mostra vedi prikazi poglej poglejte sve
tous toutes todos toate
"""

# A form: where the visitor is to write an address, and the button beside it.
FORMS = """
E-naslov|Prijavi me|Tu correo|Apuntarme|Votre adresse mail|Your email|Subscribe|La tua mail|Adresa de e-mail
Mă abonez|Abonează-te|Abonare|Adresa ta de e-mail|Donează|Naročite se|Naroči se|Vpišite e-naslov|Vaš e-naslov
Sign up|Enter your email|Enter your email address|Your email address|Email address|Allow and continue|Subscribe now
Jetzt bestellen|E-Mail-Adresse|Ihre E-Mail-Adresse|Jetzt anmelden|Anmelden|S'inscrire|Je m'inscris|Votre adresse e-mail
Votre e-mail|Iscriviti|La tua email|Il tuo indirizzo email|Quiero recibirlo|Apúntate|Tu correo electrónico
Naroči|Recíbela|Recibir|Suscribirme|Regístrate|Upišite e-mail adresu|Prijava|Prijavi se|Vaša e-mail adresa|Pretplati se
Prijavite se
"""

# Headings of the article's own boxes: what follows in the block is its list, not links to other stories.
SUMMARIES = """
Pe scurt|Esențial|Esențialul|Cele mai importante informații|Ce știm până acum|Context|Cifre|Cronologie|Fișă
Na kratko|Bistveno|Ključni poudarki|Najpomembnejše|Časovnica|Osebna izkaznica|Kaj vemo|Izid|Lestvica|Statistika
Summary|Key points|At a glance|In brief|In short|Timeline|Fact box|What we know|What we know so far|By the numbers
Ce qu'il faut retenir|Ce que l'on sait|Kar moramo vedeti|Ce trebuie să știi
The key points|Scores|Results|Table|Das Wichtigste|Das Wichtigste in Kürze|Auf einen Blick|Zur Person|Fakten|Kurz gesagt
Zahlen und Fakten|Chronologie|Ergebnis|Tabelle|L'essentiel|En bref|Repères|Chiffres clés|Les faits|En résumé
Les résultats|Classement|In sintesi|In breve|La scheda|I punti chiave|I punti|Il tabellino|I numeri|Cosa sappiamo
Classifica|Risultati|Las claves|Lo más importante|En breve|Ficha|Cronología|Los datos|Resumen|Clasificación
Ficha técnica|Ukratko|Najvažnije|Ključne točke|Osobna iskaznica|Što znamo|Vremenska crta|Rezultati|Poredak|Ljestvica
"""

# "Subscribe now", "Donează acum": a button says when.
NOW = (" now", " acum", " zdaj", " jetzt", " maintenant", " ora", " adesso", " ahora", " sada", " odmah", " takoj")
