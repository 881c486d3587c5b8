// Imported before everything else: the page of this test speaks French.
document.documentElement.lang = 'fr';
