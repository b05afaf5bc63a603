"""Outlet -> pages: discovery, fetching, manners and safety. The only home of Scrapy and Twisted."""
